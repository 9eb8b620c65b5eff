"""One page for people who are signed in; its button orders something, and that rings."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carillon.notifications import notify


@login_required
def counter(request: HttpRequest) -> HttpResponse:
    """The page; a POST is an order."""
    if request.method == "POST":
        notify(request.user, title="Your order is on its way", type="event", url="/")
        return redirect("/")
    return render(request, "counter.html", {"user": request.user})
