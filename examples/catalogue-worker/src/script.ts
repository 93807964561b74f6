/**
 * The page's script: it searches while the visitor types, copies commands, and requests verifications. Without it, the form
 * is sent to the worker, and the links work.
 */
export const script = `
const form = document.querySelector('form')
const items = [...document.querySelectorAll('[data-search]')]
const count = document.querySelector('#count')
const none = document.querySelector('#none')

const filter = () => {
  const { q, arch, type } = Object.fromEntries(new FormData(form))
  const words = q.toLowerCase().split(/\\s+/).filter(Boolean)
  let shown = 0
  for (const item of items) {
    const { search, arch: has, type: is } = item.dataset
    const fits = words.every((word) => search.includes(word)) && (!arch || arch === has) && (!type || type === is)
    item.hidden = !fits
    if (fits) shown++
  }
  count.textContent = shown === items.length
    ? count.dataset.all
    : shown + ' of ' + items.length + (items.length === 1 ? ' image' : ' images')
  none.hidden = shown > 0 || items.length === 0
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''))
  history.replaceState(null, '', query.size ? '?' + query : location.pathname)
}

if (form?.dataset.complete !== undefined) {
  form.querySelector('button').hidden = true
  form.addEventListener('input', filter)
  form.addEventListener('submit', (event) => { event.preventDefault(); filter() })
  filter()
}

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return
  event.preventDefault()
  form?.q.focus()
})

const say = (button, text, kind) => {
  const place = button.parentElement.querySelector('output')
  place.textContent = text
  place.className = kind
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-does]')
  if (!button) return
  if (button.dataset.does === 'copy') {
    const text = button.closest('details, .image').querySelector('pre').innerText
    try {
      await navigator.clipboard.writeText(text)
      say(button, 'Copied', 'good')
    } catch {
      say(button, 'This browser does not allow copying here: select the text instead', 'bad')
    }
    return
  }
  button.disabled = true
  say(button, 'Reading the whole image on the server…', 'soft')
  try {
    const answer = await fetch(button.dataset.url)
    const verdict = await answer.json()
    if (!answer.ok) say(button, verdict.error, 'bad')
    else if (verdict.intact) say(button, 'Intact: the bytes on the server match the fingerprint', 'good')
    else say(button, 'Damaged: the bytes on the server hash to ' + verdict.actual, 'bad')
  } catch {
    say(button, 'The catalogue does not answer; try again later', 'bad')
  }
  button.disabled = false
})
`
