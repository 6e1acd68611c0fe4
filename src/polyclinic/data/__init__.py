"""Files and annotations to samples; splits and audits."""
