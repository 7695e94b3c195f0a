"""Looking at every address there is, as everybody there is, with all that a browser may bring, changes no row."""

from portal.availability import waitlist_links
from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.identity import password_reset
from portal.identity.roles import Role
from portal.kernel import time
from portal.promises.fingerprints import differing, fingerprints
from portal.web.application import Application
from tests.hostile.cast import House, Visitor, addresses, couple, member, waiter
from tests.support import people
from tests.support.couples import in_half_a_year

TIMES = 3


def test_looking_changes_nothing_and_uses_nothing_up(app: Application, theirs: House) -> None:
    shop = theirs.shop
    minted = tokens.mint(shop.id, theirs.sold.booking_id, action=LinkAction.MANAGE, at=time.now())
    reset = password_reset.mint_for_mail(people.person(shop.id).user_id, at=time.now())
    assert reset
    wait = waitlist_links.mint(shop.id, theirs.entry_id, at=time.now())
    visitors = [
        waiter(app, theirs),
        Visitor("stranger", app.test_client()),
        couple(app, theirs, theirs.sold),
        couple(app, theirs, theirs.held),
        *(member(app, theirs, role) for role in Role),
    ]
    day = in_half_a_year(shop)
    query = f"?date={day}&month=2027-06&look=3&sent=1&q=anna&status=held&when=all&session=cs_1&first_on={day}"
    before, seen = fingerprints(), set()
    for reference, token in ((theirs.sold.reference, minted.raw), (theirs.held.reference, reset.raw_token)):
        values = {**theirs.values, "reference": reference, "token": token}
        for visitor in visitors:
            for endpoint, address in addresses(app, values, method="GET"):
                looks = [("GET", ""), ("GET", query), ("HEAD", ""), ("OPTIONS", "")]
                for method, asked in looks:
                    answer = visitor.send(method, address + asked)
                    assert answer.status_code < 500, f"{method} {endpoint}"
                    seen.add((endpoint, method, answer.status_code))
    assert differing(before, fingerprints()) == set()
    assert {("couple.enter", "GET", 302), ("couple.manage", "GET", 200), ("dashboard.booking", "GET", 200)} <= seen
    assert {("password.enter", "GET", 303), ("password.new", "GET", 200), ("booked.page", "GET", 200)} <= seen
    stranger = app.test_client()
    for _ in range(TIMES):
        assert stranger.get(f"/m/{minted.raw}").status_code == 302
        assert stranger.get(f"/w/{wait}").status_code == 302
        assert stranger.get(f"/reset-password/{reset.raw_token}").status_code == 303
    assert stranger.get("/reset-password").status_code == 200
