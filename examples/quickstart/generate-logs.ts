/** Appends made-up application log lines, personal data among them, to the file named by the first argument. */
import { appendFileSync } from 'node:fs'

const path = process.argv[2]!
const people = ['ada@example.com', 'grace@example.org', 'linus@example.net']
let n = 0

const timer = setInterval(() => {
  n++
  const person = people[n % people.length]!
  const lines = [
    `level=info msg="order placed" order=${n} customer=${person}`,
    `level=debug msg="payment" card="4111 1111 1111 1111" amount=${(n % 90) + 10}`,
    `level=info msg="request" authorization="Bearer eyJhbGciOiJIUzI1NiJ9.${n}.c2lnbmF0dXJl" status=200`,
  ]
  appendFileSync(path, `${lines.join('\n')}\n`)
}, 500)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => clearInterval(timer))
