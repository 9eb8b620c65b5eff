"""People: public faces for any user model, sign-ins, one-time tickets, and the credentials of sockets."""
