"""Letters of apology for late cases: drafted from the due day, approved or declined, sent or handed over, tracked."""
