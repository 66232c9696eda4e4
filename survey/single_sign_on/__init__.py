"""Single sign-on by OpenID Connect: providers that the operator names say who somebody is and what they may do."""
