import { renderCompletion, type Shell } from '@hyperkit/reconcile/parts'
import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'

export async function completionCommand(
  shell: Shell,
  program: Command,
  { console }: CommandContext,
): Promise<void> {
  const help = program.createHelp()
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    takesFiles: command.registeredArguments.some(({ argChoices }) => argChoices === undefined),
    options: help.visibleOptions(command).map((option) => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
      description: option.description,
      takesValue: option.required || option.optional,
      words: option.argChoices ?? [],
      isRepeatable: option.description.includes('(repeatable)'),
    })),
  }))
  await console.result(renderCompletion(shell, program.name(), commands))
}
