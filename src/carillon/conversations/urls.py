"""Routes of conversations; a host includes them where it likes, the ready-made server under /api/v1/."""

from __future__ import annotations

from django.urls import path

from carillon.conversations.api import members, reading, writing

app_name = "carillon_conversations"

urlpatterns = [
    path("conversations/", writing.ConversationsView.as_view(), name="list"),
    path("conversations/<int:id>/", writing.ConversationView.as_view(), name="detail"),
    path("conversations/<int:id>/read/", writing.ReadView.as_view(), name="read"),
    path("conversations/<int:id>/mute/", writing.MuteView.as_view(), name="mute"),
    path("conversations/<int:id>/leave/", writing.LeaveView.as_view(), name="leave"),
    path("conversations/<int:id>/members/", members.MembersView.as_view(), name="members"),
    path("conversations/<int:id>/members/<str:person>/", members.MemberView.as_view(), name="member"),
    path("conversations/<int:id>/messages/", writing.MessagesView.as_view(), name="messages"),
    path("conversations/<int:id>/messages/<int:message>/", writing.MessageView.as_view(), name="message"),
    path("conversations/<int:id>/messages/<int:message>/react/", writing.ReactView.as_view(), name="react"),
    path("people/", reading.PeopleView.as_view(), name="people"),
    path("people/<str:person>/block/", members.BlockView.as_view(), name="block"),
    path("blocks/", reading.BlockedView.as_view(), name="blocks"),
]
