"""Who was asked, drawn, trained, lost and analysed: CONSORT's diagram and checklist from the rows as they are now."""
