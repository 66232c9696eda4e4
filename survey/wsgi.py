"""The application object for WSGI servers; importing it never migrates."""

from survey.app import create_app
from survey.operations import allocator

allocator.keep_little()
application = create_app()
application.test_client().get("/readyz")  # done once, before the first visitor comes: what a first request does
