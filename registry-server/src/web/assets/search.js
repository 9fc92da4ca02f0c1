// Results as one types and chooses: asks for the page that the form would lead to, and takes its results over.
const form = document.querySelector('#search')
const pauseMs = 150
let timer
let underWay

form.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(() => void showResults(), pauseMs)
})
document.querySelector('main').addEventListener('change', (event) => {
  if (event.target.form === form && !form.contains(event.target)) void showResults()
})

async function showResults() {
  underWay?.abort()
  underWay = new AbortController()
  const given = [...new FormData(form)].filter(([, value]) => value !== '')
  const address = `/search?${new URLSearchParams(given)}`
  try {
    const answer = await fetch(address, { signal: underWay.signal, headers: { accept: 'text/html' } })
    if (!answer.ok) return
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html')
    takeOver(next.querySelector('#results'))
    document.title = next.title
    history.replaceState(null, '', address)
  } catch (error) {
    if (error.name !== 'AbortError') throw error
  }
}

// What was open stays open, and the keyboard where it was.
function takeOver(results) {
  const before = document.querySelector('#results')
  const { name, value } = document.activeElement
  results.querySelector('.filters').open = before.querySelector('.filters').open
  before.replaceWith(results)
  if (name === 'q' || name === undefined) return
  const again = [...results.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
  ;(again.find((field) => field.value === value) ?? again[0])?.focus()
}
