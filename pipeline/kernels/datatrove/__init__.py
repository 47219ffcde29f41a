"""What datatrove measures of English texts, to the last sign: words by spaCy's rules, lines, n-grams, C4's changes."""
