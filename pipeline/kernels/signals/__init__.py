"""Quality and repetition signals of Gopher, C4, FineWeb and others: one compiled pass over Arrow strings.

- A **word** is what `kernels.words` says; *word characters* are the code points within words.
- A **line** is the text between new-lines (U+000A), stripped of white space; blank lines do not count. Lines are equal
  if they are so after stripping, case told apart. *Line characters* are its code points but white space.
- A **paragraph** is a maximal run of lines with no blank line between them.
- A **sentence** ends where marks such as . ? ! … stand before white space, a closing quote or bracket, or the end; the
  marks of scripts without spaces end one wherever they stand.
- A **duplicate** is the second or a later occurrence; the first one is not. Numerator and denominator count the same
  kind of characters.
- N-grams run over the words of the whole text. Characters are *covered* by an n-gram if they belong to one of its
  words; what two occurrences share is covered once, so that no share exceeds 1.
- Where a denominator is 0, the share is 0 and a ratio is taken to 1: the signals of an empty text are all 0.
"""
