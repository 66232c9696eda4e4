"""Read the province's tables of agencies, procedures and finished cases: every fault named, nothing by halves."""
