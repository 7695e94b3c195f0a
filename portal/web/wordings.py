"""The emails to couples as their business calls them: a name for each, and when it leaves."""

from portal.kernel.text import N_
from portal.messages.wording.cases import Group

GROUPS = {
    Group.BOOKING: N_("The booking"),
    Group.REMINDERS: N_("Before and after the day"),
    Group.MONEY: N_("Payments"),
    Group.CHANGES: N_("Moving and cancelling"),
    Group.KEPT: N_("Kept dates and the waiting list"),
    Group.ACCESS: N_("Links and addresses"),
}
# By case: name, and when it leaves.
NAMED = {
    "confirmation": (N_("Confirmation"), N_("As soon as a date is booked.")),
    "price_changed": (N_("New price"), N_("When a couple has changed its add-ons.")),
    "documents": (N_("Invoices and receipts"), N_("When you have issued a document.")),
    "event_soon": (N_("Reminder some days before"), N_("Some days before the event.")),
    "event_eve": (N_("Reminder the day before"), N_("Shortly before the event.")),
    "follow_up": (N_("Thanks after the day"), N_("Some days after the event.")),
    "balance_soon": (N_("Payment due soon"), N_("Some days before something is due.")),
    "balance_due": (N_("Payment due today"), N_("On the day on which something is due.")),
    "balance_overdue": (N_("Payment overdue"), N_("When nothing has come some days later.")),
    "balance_last": (N_("Payment still open"), N_("When nothing has come even then.")),
    "payment_received": (N_("Payment received"), N_("When a further payment has arrived.")),
    "payment_failed": (N_("Payment failed"), N_("When a bank could not complete a payment.")),
    "payment_sent_back": (N_("Payment sent back"), N_("When somebody paid what was no longer owed.")),
    "payment_sent_back_twice": (N_("Payment sent back, paid twice"), N_("When somebody paid the same twice.")),
    "payment_returned": (N_("Payment returned, date taken"), N_("When a payment came too late and the date was gone.")),
    "moved": (N_("Date moved by the couple"), N_("When a couple has moved its date.")),
    "moved_by_business": (N_("Date moved by you"), N_("When you have moved a date.")),
    "move_lapsed": (N_("Move not paid in time"), N_("When a move cost something and nothing came.")),
    "move_lapsed_declined": (N_("Move not paid, bank said no"), N_("When the bank refused the payment of a move.")),
    "move_lapsed_overtaken": (
        N_("Move paid too late"),
        N_("When a booking had changed before the payment of its move came."),
    ),
    "cancelling": (N_("Being cancelled by the couple"), N_("When a couple cancels and can still take it back.")),
    "cancelling_by_business": (N_("Being cancelled by you"), N_("When you cancel and it can still be taken back.")),
    "cancelled": (N_("Cancelled by the couple"), N_("When a couple’s cancellation is final.")),
    "cancelled_by_business": (N_("Cancelled by you"), N_("When your cancellation is final.")),
    "cancellation_undone": (N_("Cancellation taken back"), N_("When a booking stays after all.")),
    "rebooked": (N_("Date booked again"), N_("When a cancelled date was sold again and more goes back.")),
    "courtesy_held": (N_("Date kept without paying"), N_("When a couple keeps a date without paying.")),
    "courtesy_ends": (N_("Reminder of a kept date’s end"), N_("The day before a kept date is free again.")),
    "challenged": (N_("Somebody else asked for the date"), N_("When another couple asks for a kept date.")),
    "courtesy_ended": (N_("Date no longer kept"), N_("When the time of a kept date is over.")),
    "waitlist_joined": (N_("Waiting list joined"), N_("When somebody asks for a taken date.")),
    "waitlist_offer": (N_("Date offered to who waits"), N_("When a date has become free.")),
    "waitlist_ended": (N_("Offer of a date over"), N_("When an offered date was not booked in time.")),
    "manage_link": (N_("Link to the booking"), N_("When a couple has lost its link.")),
    "new_link": (N_("New link"), N_("When an email address of a booking was changed.")),
    "new_link_added": (N_("Link for a second address"), N_("When a second email address was added.")),
    "email_confirm": (N_("Question to a new address"), N_("To an address that a couple gives for its booking.")),
    "email_changed": (N_("Address changed"), N_("To the address before, when it was changed.")),
    "email_changed_removed": (N_("Address removed"), N_("To an address that was taken out.")),
    "email_changed_added": (N_("Address added"), N_("To the first address, when a second one was added.")),
}
