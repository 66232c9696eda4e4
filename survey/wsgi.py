"""The application object for WSGI servers; importing it never migrates."""

from survey.app import create_app
from survey.operations.serving import warm

application = create_app()
warm(application)
