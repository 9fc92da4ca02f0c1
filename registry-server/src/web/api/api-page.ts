import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'

/** Of the OpenAPI document, what the page shows. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>
}

interface ApiOperation {
  readonly operationId: string
  readonly summary?: string
  readonly 'x-who': string | readonly string[]
  readonly 'x-token-permissions'?: readonly string[]
  readonly 'x-second-factor'?: true
}

/** `/api`: what programs may ask, and who may ask it. */
export function apiPage({ paths }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { summary }]) => !summary?.startsWith('Page: '))
      .map(([method, operation]) => ({ path, method, operation })),
  )
  return page({
    title: 'API · Ingot registry',
    description: 'What programs may ask of this registry.',
    search: true,
    body: html`<div class="head">
        <h1>API</h1>
        <p class="lead soft">
          Everything that this registry answers to programs, with who may ask. Refusals are problem documents (RFC 9457)
          with a stable code.
        </p>
        <p class="small"><a href="/api/v1/openapi.json">OpenAPI document</a></p>
      </div>
      <div class="stack">
        <ul class="plain-list card">
          ${operations.map(operationRow)}
        </ul>
      </div>`,
  })
}

function operationRow({ path, method, operation }: { path: string; method: string; operation: ApiOperation }): Html {
  const who = operation['x-who']
  return html`<li id="${operation.operationId}">
    <div class="row">
      <span class="chip ${method === 'get' ? 'info' : method === 'delete' ? 'bad' : 'accent'}"
        >${method.toUpperCase()}</span
      >
      <code class="path">${path}</code>
    </div>
    <p class="small soft">
      ${operation.summary}${operation.summary !== undefined && '. '}For
      ${typeof who === 'string' ? who : who.join(', ')}${operation['x-token-permissions'] && html`; tokens that may ${operation['x-token-permissions'].join(' or ')}`}${operation['x-second-factor'] && '; with a second factor'}.
    </p>
  </li>`
}
