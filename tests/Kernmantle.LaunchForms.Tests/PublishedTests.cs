using Kernmantle.Tests.Hosting;

namespace Kernmantle.LaunchForms.Tests;

/// <summary>Programs that are published: a call runs in a worker process, and Main runs once, in the host.</summary>
public sealed class PublishedTests(ProbeBuild build) : IDisposable
{
    private readonly ProbeRuns runs = new();

    public void Dispose() => runs.Dispose();

    [Fact]
    public async Task A_program_that_depends_on_the_framework_works() => await runs.WorksAsync(await build.PublishAsync(), []);

    [Fact]
    public async Task A_self_contained_program_works() => await runs.WorksAsync(await build.PublishSelfContainedAsync(), []);

    [Fact]
    public async Task A_single_file_works() => await runs.WorksAsync(await build.PublishSelfContainedAsync("-p:PublishSingleFile=true"), []);

    [Fact]
    public async Task A_trimmed_program_works_and_the_trimmer_has_nothing_to_warn_of() =>
        await runs.WorksAsync(await build.PublishSelfContainedAsync("-p:PublishTrimmed=true"), []);
}
