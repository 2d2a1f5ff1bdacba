using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class ChildInstanceTests
{
    [Fact]
    public async Task An_object_serves_calls_until_it_is_released()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        List<string> disposed = [];
        int create = host.Add(LoopHost.Creator, (call, _) => call.Created = new Thing("a", disposed));
        int use = host.Add(LoopHost.Value, static (call, _) => call.Result = [((Thing)call.Target!).Next()]);
        Assert.Empty((await host.RunAsync(10, create)).Body);
        Assert.Equal([1], (await host.RunAsync(11, use, instance: 10)).Body);
        Assert.Equal([2], (await host.RunAsync(12, use, instance: 10)).Body);
        Release(host, 13, 10);
        Assert.Equal(FrameKind.Result, (await host.EndOfAsync(13))[^1].Kind);
        Assert.Equal(["a"], disposed);
        Frame lost = await host.RunAsync(14, use, instance: 10);
        PayloadReader reader = lost.Reader();
        Assert.Equal(typeof(StateLostException).FullName, RemoteFailure.Read(ref reader).TypeName);
    }

    [Fact]
    public async Task What_disposal_throws_fails_the_release()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int create = host.Add(LoopHost.Creator, static (call, _) => call.Created = new Thing("bad", null));
        await host.RunAsync(1, create);
        Release(host, 2, 1);
        Assert.Equal(FrameKind.Failed, (await host.EndOfAsync(2))[^1].Kind);
    }

    [Fact]
    public async Task A_stop_disposes_of_what_is_left_newest_first()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        List<string> disposed = [];
        foreach (string name in (string[])["a", "bad", "c"])
            await host.RunAsync(name[0], host.Add(LoopHost.Creator, (call, _) => call.Created = new Thing(name, disposed)));
        host.Send(FrameKind.Stop, 0);
        Assert.Equal(FrameKind.Log, (await host.NextAsync()).Kind);   // what "bad" threw
        Assert.Equal(FrameKind.Stopped, (await host.NextAsync()).Kind);
        Assert.Equal(["c", "bad", "a"], disposed);
    }

    private static void Release(LoopHost host, long id, long instance) =>
        host.Send(FrameKind.ReleaseInstance, id, (ref PayloadWriter w) => w.WriteInt64(instance));

    private sealed class Thing(string name, List<string>? disposed) : IAsyncDisposable
    {
        private byte count;

        public byte Next() => ++count;

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            disposed?.Add(name);
            if (name == "bad")
                throw new FormatException(name);
        }
    }
}
