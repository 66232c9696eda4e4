"""The application object for WSGI servers; importing it never migrates."""

from survey.app import create_app

application = create_app()
