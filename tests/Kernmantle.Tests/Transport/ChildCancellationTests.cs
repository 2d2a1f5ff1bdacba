using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class ChildCancellationTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_running_call_is_cancelled()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int function = host.Add(LoopHost.Value, WaitForToken);
        host.Call(1, function);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        host.Send(FrameKind.CancelCall, 1);
        Assert.Equal(FrameKind.Cancelled, (await host.NextAsync()).Kind);
    }

    [Fact]
    public async Task A_call_cancelled_before_it_began_does_not_begin()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int function = host.Add(LoopHost.Value, WaitForToken);
        host.Call(1, function);
        host.Call(2, function);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        host.Send(FrameKind.CancelCall, 2);
        host.Send(FrameKind.CancelCall, 1);
        Assert.Equal((FrameKind.Cancelled, 1), Ends(await host.NextAsync()));
        Assert.Equal((FrameKind.Cancelled, 2), Ends(await host.NextAsync()));
    }

    [Fact]
    public async Task A_crossed_token_is_cancelled_even_before_it_is_decoded()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int first = host.Add(LoopHost.Value, WaitForToken);
        int second = host.Add(LoopHost.Value, static (call, _) =>
        {
            CancellationToken crossed = call.Scope!.GetToken(3);
            Assert.True(crossed.WaitHandle.WaitOne(Bound));
            crossed.ThrowIfCancellationRequested();
        });
        host.Call(1, first);
        host.Call(2, second);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        host.Send(FrameKind.CancelToken, 2, static (ref PayloadWriter w) => w.WriteInt32(3));
        host.Send(FrameKind.CancelCall, 1);
        Assert.Equal((FrameKind.Cancelled, 1), Ends(await host.NextAsync()));
        Assert.Equal(FrameKind.Cancelled, (await host.EndOfAsync(2))[^1].Kind);
    }

    [Fact]
    public async Task Cancellation_nobody_asked_for_is_a_failure()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int function = host.Add(LoopHost.Value, static (_, _) => throw new OperationCanceledException());
        Assert.Equal(FrameKind.Failed, (await host.RunAsync(1, function)).Kind);
    }

    [Fact]
    public async Task A_callback_that_blocks_or_throws_does_not_hold_up_the_reader()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        using var release = new ManualResetEventSlim();
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int function = host.Add(LoopHost.Value, (call, token) =>
        {
            token.Register(static () => throw new FormatException("a callback"));
            token.Register(() => release.Wait(Bound));
            registered.SetResult();
            Assert.True(call.Scope!.GetToken(0).WaitHandle.WaitOne(Bound));
            release.Set();
        });
        host.Call(1, function);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        await registered.Task.WaitAsync(Bound, TestContext.Current.CancellationToken);
        host.Send(FrameKind.CancelCall, 1);
        host.Send(FrameKind.CancelToken, 1, static (ref PayloadWriter w) => w.WriteInt32(0));
        Assert.Equal(FrameKind.Result, (await host.NextAsync()).Kind);
    }

    [Fact]
    public async Task A_stop_cancels_the_running_call_and_waits_for_it()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int function = host.Add(LoopHost.Value, static (call, _) =>
            call.Result = [WorkerContext.Current!.StoppingToken.WaitHandle.WaitOne(Bound) ? (byte)1 : (byte)0]);
        host.Call(1, function);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        host.Send(FrameKind.Stop, 0);
        Frame result = await host.NextAsync();
        Assert.Equal((FrameKind.Result, 1), (result.Kind, result.Body[0]));
        Assert.Equal(FrameKind.Stopped, (await host.NextAsync()).Kind);
        Assert.Equal(WorkerExitCodes.Stopped, await host.ExitCode);
    }

    [Fact]
    public async Task The_end_of_the_host_ends_the_worker_while_user_code_runs()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        using var release = new ManualResetEventSlim();
        int function = host.Add(LoopHost.Value, (_, _) => release.Wait(Bound, CancellationToken.None));
        host.Call(1, function);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        await host.CloseAsync();
        Assert.Equal(WorkerExitCodes.HostGone, await host.Exited);   // although the main thread is still in the function
        release.Set();
        Assert.Equal(WorkerExitCodes.HostGone, await host.ExitCode);
    }

    private static (FrameKind Kind, long Id) Ends(Frame frame) => (frame.Kind, frame.Id);

    private static void WaitForToken(FakeCall call, CancellationToken token)
    {
        Assert.True(token.WaitHandle.WaitOne(Bound));
        token.ThrowIfCancellationRequested();
    }
}
