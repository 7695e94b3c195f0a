"""The API's resources: one module each, with its parameters, its routes and what its calls do."""
