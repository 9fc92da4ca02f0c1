import { media } from '../api/zod-routes.ts'

/** What the API's document says of a page. */
export function pageSchema(summary: string) {
  return { summary: `Page: ${summary}`, response: { 200: media('text/html') } }
}
