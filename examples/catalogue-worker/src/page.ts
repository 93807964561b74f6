import { type AnswerOptions, answerPage } from './answer.ts'
import { Html, html } from './html.ts'
import { script } from './script.ts'
import { style } from './style.ts'

/** A complete page around its content; it loads no other resources. */
export async function answerWith(
  title: string,
  content: Html,
  options: AnswerOptions = {},
): Promise<Response> {
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
${content}
<script>${new Html(script)}</script>
</html>
`
  return answerPage(page.text, await contentSecurityPolicy(), options)
}

let policy: string | undefined

/** Allows only this style and this script, so that nothing in an alias or a property can run. */
async function contentSecurityPolicy(): Promise<string> {
  policy ??= [
    "default-src 'none'",
    `style-src ${await hashOf(style)}`,
    `script-src ${await hashOf(script)}`,
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return policy
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`
}
