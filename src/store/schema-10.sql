-- When a case is next due, its certificates left aside; '9999' where nothing is. Lists begin with what is due.
ALTER TABLE case_summary ADD COLUMN due TEXT NOT NULL DEFAULT '9999';
UPDATE case_summary SET due = coalesce((
  SELECT min(json_extract(value, '$.on')) FROM json_each(summary, '$.deadlines') WHERE json_extract(value, '$.kind') <> 'certificate'), '9999');
CREATE INDEX case_due ON case_summary (closed, due, no);

-- What `case list` prints of a case, so that it need not read all that is known of it: applicant, held, the earliest date, open findings
-- without mere remarks, letters that wait to be released.
ALTER TABLE case_summary ADD COLUMN brief TEXT NOT NULL DEFAULT '[null,0,null,0,0]';
UPDATE case_summary SET brief = json_array(
  json_extract(summary, '$.applicant_name'), coalesce(json_extract(summary, '$.held'), 0),
  (SELECT min(json_extract(value, '$.on')) FROM json_each(summary, '$.deadlines')),
  (SELECT count(*) FROM json_each(summary, '$.open_findings') WHERE json_extract(value, '$.severity') <> 'warn'),
  (SELECT count(*) FROM json_each(summary, '$.notices') WHERE json_extract(value, '$.draft')));
CREATE INDEX case_brief ON case_summary (no, flow, state, brief);
