select
  {{ detention_period() }},
  scope,
  reason,
  criminality,
  people,
  {{ detention_release() }}
from {{ ref('int_detention') }}
where subject = 'book-outs'
