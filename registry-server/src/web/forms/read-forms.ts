import type { FastifyInstance } from 'fastify'

const fieldsMax = 100

/** Bodies of HTML forms: a field that is given several times is a list. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) => {
    const fields = new URLSearchParams(String(text))
    const names = [...new Set(fields.keys())].slice(0, fieldsMax)
    const body = names.map((name) => {
      const values = fields.getAll(name)
      return [name, values.length === 1 ? values[0] : values] as const
    })
    done(null, Object.fromEntries(body))
  })
}
