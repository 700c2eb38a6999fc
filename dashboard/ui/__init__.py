"""THE PICTURES. Answers go in, a screen comes out. Pictures are pure functions of releases."""
