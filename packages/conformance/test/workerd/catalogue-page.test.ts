import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest'
import { openWorld, type World } from './catalogue-world.ts'
import { type BrowserContext, explainBrowser, openBrowser } from './open-browser.ts'

const absent = explainBrowser()
let world: World
let browser: BrowserContext
let closeBrowser: (() => Promise<void>) | undefined
const evil = '<img src=x onerror="document.title=\'owned\'">'
const files: Record<string, { fingerprint: string; path: string }> = {}

beforeAll(async () => {
  if (absent !== undefined) return
  world = await openWorld('embedded incus')
  const images = [
    {
      name: 'noble',
      aliases: ['ubuntu/noble', 'ubuntu/24.04'],
      properties: { os: 'Ubuntu', release: 'noble' },
    },
    { name: 'alpine', aliases: ['alpine/3.22'], properties: { os: 'Alpine' }, architecture: 'aarch64' },
    { name: 'evil', aliases: ['evil/image'], properties: { description: evil } },
  ]
  for (const image of images) files[image.name] = await world.add(image)
  await world.addSplit('split')
  const opened = await openBrowser({ viewport: { width: 1100, height: 900 } })
  browser = opened.browser
  closeBrowser = opened.close
})

afterAll(async () => {
  await closeBrowser?.()
  await world?.close()
})

async function openPage(context: TestContext, path = '/') {
  if (absent !== undefined) return context.skip(absent)
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  const requested: string[] = []
  page.on('request', (request) => requested.push(request.url()))
  onTestFinished(async () => {
    await page.close()
    // The page's content security policy reports here everything that it blocked.
    expect(complaints).toEqual([])
  })
  await page.goto(world.url + path)
  return { page, requested, shown: page.locator('.image:visible h2') }
}

test('the page lists the images, and sends requests to the catalogue only', async (context) => {
  const { page, requested, shown } = await openPage(context)
  expect(await page.title()).toBe('Test images')
  expect(await shown.allInnerTexts()).toEqual(
    expect.arrayContaining(['ubuntu/24.04', 'alpine/3.22', 'evil/image']),
  )
  expect(await page.getByRole('status').innerText()).toMatch(/^4 images, .* in all$/)
  expect(requested.filter((url) => !url.startsWith('data:'))).toEqual([`${world.url}/`])
})

test('the page searches while the user types, and keeps the search in its address', async (context) => {
  const { page, shown } = await openPage(context)
  await page.keyboard.press('/')
  await page.keyboard.type('noble ubun')
  expect(await shown.allInnerTexts()).toEqual(['ubuntu/24.04'])
  expect(await page.getByRole('status').innerText()).toBe('1 of 4 images')
  await page.reload()
  expect(await page.getByRole('searchbox').inputValue()).toBe('noble ubun')
  expect(await shown.allInnerTexts()).toEqual(['ubuntu/24.04'])
  await page.getByRole('searchbox').fill('')
  await page.getByLabel('Architecture').selectOption('aarch64')
  expect(await shown.allInnerTexts()).toEqual(['alpine/3.22'])
  await page.getByRole('searchbox').fill('nothing like it')
  expect(await page.getByText('No image matches.').isVisible()).toBe(true)
  await page.getByRole('link', { name: 'Show all' }).click()
  await expect.poll(() => shown.count()).toBe(4)
})

test('a download from the page has the bytes of the image', async (context) => {
  const { page } = await openPage(context)
  const began = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download ubuntu/24.04' }).click()
  const download = await began
  const hash = createHash('sha256')
    .update(readFileSync(await download.path()))
    .digest('hex')
  expect(hash).toBe(files.noble?.fingerprint)
  expect(download.suggestedFilename()).toMatch(new RegExp(`^ubuntu-24.04-${hash.slice(0, 12)}`))
})

test('the page offers both files of a split image', async (context) => {
  const { page } = await openPage(context, '/?q=split')
  // The browser logs every 4xx answer as an error; this one is expected.
  await page.route('**/download', async (route) =>
    route.fulfill({ response: await route.fetch(), status: 200 }),
  )
  await page
    .getByRole('link', { name: /^Download/ })
    .locator('visible=true')
    .click()
  await page.getByRole('link', { name: 'Root file system' }).waitFor()
  const began = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Metadata' }).click()
  expect((await began).suggestedFilename()).toMatch(/-metadata/)
})

test('the details of an image show all fields, and the server’s bytes can be verified there', async (context) => {
  const { page } = await openPage(context, `/images/${files.noble?.fingerprint}`)
  expect(await page.locator('dl').innerText()).toContain(files.noble?.fingerprint)
  expect((await page.locator('pre').innerText()).trim().split('\n')).toEqual([
    `curl -fLo image ${world.url}/images/${files.noble?.fingerprint}/download`,
    `echo "${files.noble?.fingerprint}  image" | sha256sum -c`,
    'incus image import image --alias ubuntu/24.04',
  ])
  await page.getByRole('button', { name: 'Verify on the server' }).click()
  await page.getByText('Intact: the bytes on the server match the fingerprint').waitFor()
})

test('the page shows hostile texts as plain text', async (context) => {
  const { page } = await openPage(context)
  expect(await page.getByText(evil).first().isVisible()).toBe(true)
  expect(await page.locator('img').count()).toBe(0)
  expect(await page.title()).toBe('Test images')
  await page.getByRole('searchbox').fill(evil)
  expect(await page.locator('.image:visible').count()).toBe(1)
  await page.reload()
  expect(await page.title()).toBe('Test images')
})

test('the page fits a phone, in light and dark mode', async (context) => {
  const { page } = await openPage(context)
  const colours = new Set<string>()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 360, height: 740 })
    await page.locator('summary').first().click()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    colours.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
  }
  expect(colours.size).toBe(2)
})

test('the page works without scripts', async (context) => {
  if (absent !== undefined) return context.skip(absent)
  const opened = await openBrowser({ javaScriptEnabled: false })
  onTestFinished(opened.close)
  const page = await opened.browser.newPage()
  await page.goto(world.url)
  await page.getByRole('searchbox').fill('alpine')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.waitForURL('**/?q=alpine*')
  expect(await page.locator('.image:visible h2').allInnerTexts()).toEqual(['alpine/3.22'])
  expect(await page.getByRole('status').innerText()).toBe('1 of 4 images')
})
