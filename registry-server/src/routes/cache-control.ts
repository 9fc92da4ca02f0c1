/** How long an answer may be kept (registry.md §2.1). */
export const cacheControl = {
  immutable: 'public, max-age=31536000, immutable',
  index: 'public, max-age=60, must-revalidate',
  discovery: 'public, max-age=300',
  search: 'public, max-age=30',
  page: 'public, no-cache',
  proof: 'public, max-age=60',
  events: 'no-cache',
} as const
