import type { Build, Pipeline } from '../state.ts';
import { buildCreation, buildsBranch } from './buildRequest.ts';
import { organizationOf, Refusal, valid, type Answer, type Call, type Route } from './call.ts';
import { numberedPage } from './pages.ts';
import { buildBody, jobBodies, pipelineBody } from './pipelineBodies.ts';

const pipelinesPath = 'organizations/:organization/pipelines';
const buildPath = `${pipelinesPath}/:pipeline/builds/:number`;

/** https://buildkite.com/docs/apis/rest-api/pipelines and https://buildkite.com/docs/apis/rest-api/builds */
export const pipelineRoutes: readonly Route[] = [
  { methods: ['GET'], path: pipelinesPath, scope: 'read_pipelines', run: listPipelines },
  { methods: ['GET'], path: `${pipelinesPath}/:pipeline`, scope: 'read_pipelines', run: showPipeline },
  { methods: ['GET'], path: `${pipelinesPath}/:pipeline/builds`, scope: 'read_builds', run: listBuilds },
  { methods: ['POST'], path: `${pipelinesPath}/:pipeline/builds`, scope: 'write_builds', run: createBuild },
  { methods: ['GET'], path: buildPath, scope: 'read_builds', run: showBuild },
  { methods: ['PUT'], path: `${buildPath}/cancel`, scope: 'write_builds', run: cancelBuild },
];

const cancellable: readonly Build['state'][] = ['scheduled', 'running', 'failing'];

function listPipelines(call: Call): Answer {
  const organization = organizationOf(call);
  const { state, roots, url } = call.exchange;
  // Documented: both match parts, and case does not count.
  const holds = (text: string, parameter: string) =>
    text.toLowerCase().includes((url.searchParams.get(parameter) ?? '').toLowerCase());
  const page = numberedPage(
    state
      .pipelines(organization.slug)
      .filter(({ name, repository }) => holds(name, 'name') && holds(repository, 'repository')),
    `${roots.api}/organizations/${organization.slug}/pipelines`,
    url.searchParams,
  );
  return { status: 200, body: page.items.map((each) => bodyOf(call, each)), headers: page.headers };
}

function showPipeline(call: Call): Answer {
  return { status: 200, body: bodyOf(call, pipelineOf(call)) };
}

function listBuilds(call: Call): Answer {
  const pipeline = pipelineOf(call);
  const { state, roots, url } = call.exchange;
  const commit = url.searchParams.get('commit');
  const page = numberedPage(
    state.builds(pipeline.id).filter((build) => commit === null || build.commit === commit),
    `${roots.api}/organizations/${pipeline.organization}/pipelines/${pipeline.slug}/builds`,
    url.searchParams,
  );
  return {
    status: 200,
    body: page.items.map((build) => answerOf(call, pipeline, build)),
    headers: page.headers,
  };
}

async function createBuild(call: Call): Promise<Answer> {
  const pipeline = pipelineOf(call);
  const { exchange, user } = call;
  const { anyBranch, ...details } = valid(buildCreation(await exchange.json()));
  if (pipeline.archivedAt !== null) {
    throw new Refusal(422, 'Builds cannot be created, because the pipeline has been archived');
  }
  if (!anyBranch && !buildsBranch(pipeline, details.branch)) {
    throw new Refusal(422, `The pipeline's branch filter does not build the branch ${details.branch}`);
  }
  const build = exchange.state.addBuild(pipeline.id, { ...details, creatorId: user.id });
  call.onBuild(build);
  return { status: 201, body: answerOf(call, pipeline, build) };
}

function showBuild(call: Call): Answer {
  const pipeline = pipelineOf(call);
  return { status: 200, body: answerOf(call, pipeline, buildOf(call, pipeline)) };
}

function cancelBuild(call: Call): Answer {
  const pipeline = pipelineOf(call);
  const build = buildOf(call, pipeline);
  if (!cancellable.includes(build.state)) {
    throw new Refusal(422, `A build that is ${build.state.replace('_', ' ')} cannot be canceled`);
  }
  // What runs is told to stop; what was not begun is gone at once.
  const to = build.state === 'scheduled' ? 'canceled' : 'canceling';
  const cancelReason = `Canceled by ${call.user.name}`;
  const moved = call.exchange.state.moveBuild(build.id, to, { cancelReason });
  return { status: 200, body: answerOf(call, pipeline, moved) };
}

function bodyOf({ exchange: { state, roots } }: Call, pipeline: Pipeline): unknown {
  return pipelineBody(pipeline, state.builds(pipeline.id), roots);
}

function answerOf(call: Call, pipeline: Pipeline, build: Build): unknown {
  const { state, roots, url } = call.exchange;
  const without = (name: string) => url.searchParams.get(name) === 'true';
  return {
    ...buildBody(build, pipeline, state.user(build.creatorId), roots),
    ...(!without('exclude_jobs') && { jobs: jobBodies(build) }),
    ...(!without('exclude_pipeline') && { pipeline: bodyOf(call, pipeline) }),
  };
}

function pipelineOf(call: Call): Pipeline {
  const organization = organizationOf(call);
  const pipeline = call.exchange.state.pipeline(organization.slug, call.params.pipeline ?? '');
  if (!pipeline) throw new Refusal(404, 'No pipeline found');
  return pipeline;
}

/** By its number; its UUID names none. */
function buildOf({ exchange, params }: Call, pipeline: Pipeline): Build {
  const number = params.number ?? '';
  const build = /^[1-9]\d*$/.test(number) ? exchange.state.build(pipeline.id, Number(number)) : undefined;
  if (!build) throw new Refusal(404, 'No build found');
  return build;
}
