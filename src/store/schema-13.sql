-- Where a case stands in the lists, and whether its line there is still the same, without all that is known of it.
DROP INDEX case_brief;
CREATE INDEX case_placed ON case_summary (no, flow, state, closed, due, certificate_end, brief, shown);
CREATE INDEX case_state ON case_summary (state, no);
