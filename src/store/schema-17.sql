-- Cases with something that a person must read, such as a mail of words alone: lists show them whole, and `brief` counts it.
UPDATE case_summary SET brief = json_insert(brief, '$[#]', 0);
CREATE INDEX case_unread ON case_summary (no) WHERE instr(summary, '"unread":') > 0;
