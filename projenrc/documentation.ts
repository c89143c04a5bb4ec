import { type awscdk, Component, type Task } from 'projen';

const TARGETS = ['java', 'python', 'dotnet', 'go'];

/** What readers see: every snippet compiles, everything public is documented, and packages have the snippets in their own language. */
export class Documentation extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    const check = (name: string, description: string, exec: string) => {
      project.addTask(name, { description, steps: [{ spawn: 'build:library' }, { exec }] });
      project.postCompileTask.exec(exec);
    };
    check('check:reference', 'Fails if anything public is not documented', 'tsx projenrc/reference/check.ts');
    check('check:snippets', 'Compiles the TypeScript in documents and docstrings, and translates it', 'tsx projenrc/snippets/check.ts');
    for (const target of TARGETS) refuseUntranslated(project.tasks.tryFind(`package:${target}`)!);
    // Ships, so that the release's jobs, which package for one language each, have it.
    project.addGitIgnore('/.jsii.tabl.json');
    project.addPackageIgnore('/rosetta/');
  }
}

/** A snippet without a translation would be TypeScript in the package of another language. */
function refuseUntranslated(task: Task) {
  const [step] = task.steps;
  task.reset();
  task.addSteps({ ...step, execArgs: [...step.execArgs ?? [], '--rosetta-unknown-snippets=fail'] });
}
