using Kernmantle.Load;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Hosting.Tests.Web;

/// <summary>samples/WebParser as a process of its own: its end, asked for by a signal.</summary>
public sealed class ServiceEndTests
{
    private const int Together = 16;

    private static readonly string[] FirstOfItsNamespace = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];

    [Fact]
    public Task Every_request_that_was_accepted_is_answered_and_no_process_is_left() => EndsAsync([]);

    [Fact]
    [SecondStage]
    public async Task The_first_process_of_a_container_ends_likewise()
    {
        (int exit, string text) = await Programs.RunAsync(FirstOfItsNamespace[0], [.. FirstOfItsNamespace[1..], "true"]);
        Assert.SkipWhen(exit != 0, $"This machine lets the test make no namespaces: {text}");
        await EndsAsync(FirstOfItsNamespace);
    }

    private static async Task EndsAsync(string[] prefix)
    {
        using Service service = await Service.StartAsync(prefix, Service.SlowToGiveUp);
        // Both workers are held up for as long as they may be, and the others wait.
        Task<string?>[] answers = [.. Enumerable.Range(0, Together).Select(i => Answers.WhatIsWrongAsync(service, i < 4 ? UploadedFile.Endless : UploadedFile.Honest(i)))];
        await Hosts.UntilAsync(async () => await service.CallsUnderWayAsync() + answers.Count(static a => a.IsCompleted) >= Together, "Its requests do not arrive.");
        int[] workers = service.Workers;
        Assert.NotEmpty(workers);
        Assert.Contains(answers, static a => !a.IsCompleted);
        await service.TerminateAsync();
        Assert.Empty((await Task.WhenAll(answers)).OfType<string>());
        Assert.Equal(0, await service.WaitForEndAsync());
        Assert.DoesNotContain(workers, ChildProcesses.IsAlive);
    }
}
