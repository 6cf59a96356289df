"""What came of a run: its record, one offline page, its data, and the verdicts on the console.

| module | what it does |
|---|---|
| `record` | the record of a run, which the referee writes |
| `writer` | `write` a run, `write_comparison` beside it: the page and its data, as a whole or not at all |
| `page` | the run as one HTML page |
| `errors` | what can be wrong with a report that is asked for |
| `errata` | what the notes get wrong, claim by claim |
| `graph` | which theorem rests on which, laid out for the page |
| `data` | the run as JSON, and the comparison |
| `comparison` | gradient checkers compared, as a page beside that of the run |
| `links` | the two pages of a folder, linked where both are there |
| `prose`, `typeset`, `breaking` | sentences and formulas as HTML and MathML; where long formulas break |
| `plots` | pictures of a record as inline SVG |
| `console` | the verdicts as a table |

Importing `reports` itself is cheap: typesetting and drawing libraries load with the modules that need them.
"""

from backproof.reports.record import SOUND, ClaimRecord, Run, TheoremRecord

__all__ = ["SOUND", "ClaimRecord", "Run", "TheoremRecord"]
