using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class ChildLoopTests
{
    [Fact]
    public async Task It_greets_and_stops_in_order()
    {
        await using var host = new LoopHost();
        host.Greet();
        Frame ready = await host.NextAsync();
        PayloadReader reader = ready.Reader();
        Assert.Equal(Environment.ProcessId, Ready.Read(ref reader).ProcessId);
        host.Send(FrameKind.Stop, 0);
        Assert.Equal(FrameKind.Stopped, (await host.NextAsync()).Kind);
        Assert.Equal(WorkerExitCodes.Stopped, await host.ExitCode);
    }

    [Fact]
    public async Task Another_build_of_the_host_is_refused()
    {
        await using var host = new LoopHost();
        host.Send(FrameKind.Hello, 0, static (ref PayloadWriter w) => w.WriteInt32(Protocol.Version + 1));
        Assert.Equal(WorkerExitCodes.ProtocolMismatch, await host.ExitCode);
    }

    [Fact]
    public async Task A_host_that_does_not_greet_is_refused()
    {
        await using var host = new LoopHost();
        host.Send(FrameKind.Stop, 0);
        Assert.Equal(WorkerExitCodes.ProtocolMismatch, await host.ExitCode);
    }

    [Fact]
    public async Task Calls_run_in_order_each_with_begin_and_result()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int echo = host.Add(LoopHost.Value, static (call, _) => call.Result = call.Arguments);
        int later = host.Add(LoopHost.Value, static async (call, _) =>
        {
            await Task.Yield();
            call.Result = call.Arguments;
        });
        for (byte i = 1; i <= 20; i++)
            host.Call(i, i % 2 == 0 ? echo : later, [i]);
        for (byte i = 1; i <= 20; i++)
        {
            Frame end = Assert.Single(await host.EndOfAsync(i));
            Assert.Equal((FrameKind.Result, i), (end.Kind, Assert.Single(end.Body)));
        }
    }

    [Fact]
    public async Task What_a_call_writes_arrives_before_its_result()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int function = host.Add(LoopHost.Value, (_, _) =>
        {
            WorkerContext.Current!.Logger.Log(Microsoft.Extensions.Logging.LogLevel.Debug, default, "one", null, static (s, _) => s);
            host.Console.Out.WriteLine("two");
            host.Console.Error.Write("three, without an end");
        });
        host.Call(1, function);
        List<Frame> frames = await host.EndOfAsync(1);
        Assert.Equal([FrameKind.Log, FrameKind.Log, FrameKind.Log, FrameKind.Result], frames.Select(static f => f.Kind));
        Assert.Equal(["one", "two", "three, without an end"], frames.Take(3).Select(static f =>
        {
            PayloadReader reader = f.Reader();
            return Kernmantle.Logging.LogRecord.Read(ref reader).Message;
        }));
    }

    [Fact]
    public async Task The_context_tells_who_and_where_and_does_not_leak()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        var ambient = new AsyncLocal<string>();
        (string, int, int, string?) seen = default;
        int function = host.Add(LoopHost.Value, (_, _) =>
        {
            WorkerContext context = WorkerContext.Current!;
            seen = (context.Name, context.Id, context.Attempt, ambient.Value);
            ambient.Value = "left behind";
        });
        await host.RunAsync(1, function);
        await host.RunAsync(2, function);
        Assert.Equal(("First", 7, 1, null), seen);
    }

    [Fact]
    public async Task An_exception_ends_its_call_only()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int bad = host.Add(LoopHost.Value, static (_, _) => throw new InvalidOperationException("no", new ArgumentException("inner")));
        int good = host.Add(LoopHost.Value, static (_, _) => { });
        Frame failed = await host.RunAsync(1, bad);
        PayloadReader reader = failed.Reader();
        RemoteFailure failure = RemoteFailure.Read(ref reader);
        Assert.Equal((FrameKind.Failed, "System.InvalidOperationException", "no"), (failed.Kind, failure.TypeName, failure.Message));
        Assert.Equal("inner", failure.Inner!.Message);
        Assert.Equal(FrameKind.Result, (await host.RunAsync(2, good)).Kind);
        Assert.Equal(FrameKind.Failed, (await host.RunAsync(1, bad)).Kind);   // a retry comes under the same id
    }

    [Fact]
    public async Task Missing_code_fails_its_calls_only()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int missing = host.Add(LoopHost.Value, body: (Func<FakeCall, CancellationToken, ValueTask>?)null);
        int good = host.Add(LoopHost.Value, static (_, _) => { });
        Frame frame = await host.RunAsync(1, missing);
        PayloadReader reader = frame.Reader();
        Assert.Equal(FrameKind.Unavailable, frame.Kind);
        Assert.Equal(new Unavailable(FunctionUnavailableReason.AssemblyMissing, "Plugin", "It is not there."), Unavailable.Read(ref reader));
        Assert.Equal(FrameKind.Result, (await host.RunAsync(2, good)).Kind);
    }

    [Fact]
    public async Task A_result_that_cannot_cross_fails_its_call_only()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int large = host.Add(LoopHost.Value, static (call, _) => call.Result = new byte[LoopHost.MaxPayload + 1]);
        int unportable = host.Add(LoopHost.Value, static (call, _) => call.EncodingFailure = new NotPortableException("A stream", "Read it."));
        int thrown = host.Add(LoopHost.Value, static (_, _) => throw new NotPortableException("A stream", "Read it."));
        Assert.Equal(FrameKind.TooLarge, (await host.RunAsync(1, large)).Kind);
        Assert.Equal(FrameKind.NotPortable, (await host.RunAsync(2, unportable)).Kind);
        Assert.Equal(FrameKind.Failed, (await host.RunAsync(3, thrown)).Kind);
    }

    [Fact]
    public async Task A_huge_failure_still_arrives()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int function = host.Add(LoopHost.Value, static (_, _) =>
        {
            Exception chain = new FormatException(new string('x', 2_000_000));
            for (int i = 0; i < 30; i++)
                chain = new FormatException(new string('x', 2_000_000), chain);
            throw chain;
        });
        Assert.Equal(FrameKind.Failed, (await host.RunAsync(1, function)).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_initializer_runs_first_or_ends_the_worker(bool fails)
    {
        await using var host = new LoopHost();
        bool ran = false;
        int initializer = host.Add(LoopHost.Value, async (_, _) =>
        {
            await Task.Yield();
            ran = WorkerContext.Current is not null;
            if (fails)
                throw new FormatException("bad configuration");
        });
        int function = host.Add(LoopHost.Value, static (_, _) => { });
        host.Greet(initializer);
        if (!fails)
        {
            Assert.Equal(FrameKind.Ready, (await host.NextAsync()).Kind);
            Assert.Equal(FrameKind.Result, (await host.RunAsync(1, function)).Kind);
        }
        else
        {
            Frame failed = await host.NextAsync();
            Assert.Equal((FrameKind.Failed, 0), (failed.Kind, failed.Id));
            Assert.Equal(WorkerExitCodes.InitializerFailed, await host.ExitCode);
        }
        Assert.True(ran);
    }
}
