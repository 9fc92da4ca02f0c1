// What scripts add to every page: a key for the search box, and buttons that copy. Without them nothing is missing.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
  if (document.activeElement?.matches('input, textarea, select')) return
  event.preventDefault()
  document.querySelector('input[type=search]')?.focus()
})
for (const snippet of document.querySelectorAll('.snippet')) {
  const button = snippet.querySelector('button')
  if (!button || !navigator.clipboard) continue
  button.hidden = false
  button.addEventListener('click', () => void copy(snippet, button))
}

async function copy(snippet, button) {
  await navigator.clipboard.writeText(snippet.querySelector('code').textContent)
  button.textContent = 'Copied'
  setTimeout(() => {
    button.textContent = 'Copy'
  }, 2000)
}
