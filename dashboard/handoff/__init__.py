"""The hand-off: a release's rule as SQL and as Python, for the owner's own warehouse.

Texts are written from a release alone. Names of columns, labels and segments are quoted,
so that none of them can be read as code. What is written computes as the dashboard does:

- a number is cut to its declared range, put on its lattice of 32,768 levels (rounded down),
  and turned into whole steps of 1/512 standard deviation (rounded toward zero);
- NULL, NaN, infinity and what can't be read stand at the middle; a label that nobody
  declared is none of the declared ones;
- squared distances are sums of whole numbers and therefore exact; of segments that are
  equally near the first counts;
- customers of a group that is hidden for privacy go to the nearest segment that is shown.

On linear ranges each step is the same operation on the same double, so the answer is the
same to the last bit. On a range that is compared by ratio the logarithm may differ in its
last bit; that matters only where a value stands within about 10⁻¹² of the edge of a level,
and then by one step of 1/512 standard deviation at most.
"""
