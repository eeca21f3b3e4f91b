"""Files that are made in the background: exports, archives, reports. Ask for one, watch it, fetch it, let it expire.

To add a kind, write a maker in your own package and register it once, in your app's `ready()`:

    from studies.jobs.kinds import Kind, Made, register

    def make(work: Work) -> Made:
        path = work.folder / "table.csv"
        with path.open("w") as out:                    # write as you read: a job's memory stays flat
            for done, row in enumerate(rows):
                out.write(row)
                work.report(100 * done // total)       # often: it is the sign of life, and raises JobStopped
        return Made(path, "table.csv", "text/csv")

    register(Kind("my-table", _("My table"), make, may=lambda user, job: ..., keep_days=7))

A page starts it with `studies.jobs.services.start(kind="my-table", by=user, study=study, params={...})` and sends the
person to `studies:job`; that page polls, offers the file with range requests, and says when it goes. `may` is asked
again at every look and download, so who lost the right lost the file. `params` are JSON without names: they are kept.
A maker raises StudyError for what it expects to go wrong; its code is shown with the job. What leaves the house is
written down by the maker with `studies.access.record_export`.
"""
