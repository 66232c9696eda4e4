"""Hài Lòng: the survey, its storage, its staff pages and its reports."""
