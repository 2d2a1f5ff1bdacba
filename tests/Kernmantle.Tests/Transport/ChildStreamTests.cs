using System.Runtime.CompilerServices;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class ChildStreamTests
{
    [Fact]
    public async Task Items_come_as_fast_as_credit_allows_and_the_end_follows()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        int sent = 0;
        async IAsyncEnumerable<byte[]> Items()
        {
            for (byte i = 0; i < 10; i++)
            {
                await Task.Yield();
                sent = i;
                yield return [i];
            }
        }

        int function = host.Add(LoopHost.Stream, (call, token) => call.Items = Items().GetAsyncEnumerator(token));
        host.Call(1, function);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        for (byte i = 0; i < 10; i++)
        {
            Frame item = await host.NextAsync();
            Assert.Equal((FrameKind.StreamItem, i), (item.Kind, Assert.Single(item.Body)));
            Assert.True(sent <= i + LoopHost.Window);
            host.Send(FrameKind.StreamCredit, 1, static (ref PayloadWriter w) => w.WriteInt32(1));
        }
        Assert.Equal(FrameKind.Result, (await host.NextAsync()).Kind);
    }

    [Fact]
    public async Task A_consumer_that_goes_away_ends_a_stream_that_waits_for_credit()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        bool disposed = false;
        async IAsyncEnumerable<byte[]> Items([EnumeratorCancellation] CancellationToken token = default)
        {
            try
            {
                while (true)
                {
                    await Task.Yield();
                    yield return [];
                }
            }
            finally
            {
                disposed = true;
            }
        }

        int function = host.Add(LoopHost.Stream, (call, token) => call.Items = Items(token).GetAsyncEnumerator(token));
        host.Call(1, function);
        Assert.Equal(FrameKind.Begun, (await host.NextAsync()).Kind);
        for (int i = 0; i < LoopHost.Window; i++)
            Assert.Equal(FrameKind.StreamItem, (await host.NextAsync()).Kind);
        host.Send(FrameKind.CancelCall, 1);
        Assert.Equal(FrameKind.Cancelled, (await host.NextAsync()).Kind);
        Assert.True(disposed);
    }

    [Fact]
    public async Task A_stream_that_fails_half_way_sends_what_it_had()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        static async IAsyncEnumerable<byte[]> Items()
        {
            await Task.Yield();
            yield return [1];
            throw new FormatException("half way");
        }

        int function = host.Add(LoopHost.Stream, static (call, token) => call.Items = Items().GetAsyncEnumerator(token));
        host.Call(1, function);
        Assert.Equal([FrameKind.StreamItem, FrameKind.Failed], (await host.EndOfAsync(1)).Select(static f => f.Kind));
    }

    [Fact]
    public async Task An_item_that_is_too_large_ends_the_stream_after_disposal()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        bool disposed = false;
        async IAsyncEnumerable<byte[]> Items()
        {
            try
            {
                await Task.Yield();
                yield return new byte[LoopHost.MaxPayload + 1];
            }
            finally
            {
                disposed = true;
            }
        }

        int function = host.Add(LoopHost.Stream, (call, token) => call.Items = Items().GetAsyncEnumerator(token));
        Assert.Equal(FrameKind.TooLarge, (await host.RunAsync(1, function)).Kind);
        Assert.True(disposed);
    }

    [Fact]
    public async Task Reports_arrive_in_order_and_none_after_the_end()
    {
        await using LoopHost host = await LoopHost.ReadyAsync();
        IProgress<int>? kept = null;
        int function = host.Add(LoopHost.Value, (call, _) =>
        {
            kept = call.Scope!.GetProgress(5, new Int32Codec());
            kept.Report(1);
            kept.Report(2);
        });
        host.Call(1, function);
        List<Frame> frames = await host.EndOfAsync(1);
        Assert.Equal([(5, 1), (5, 2)], frames.Take(2).Select(static f =>
        {
            PayloadReader reader = f.Reader();
            return (reader.ReadInt32(), reader.ReadInt32());
        }));
        kept!.Report(3);
        Assert.Equal(FrameKind.Result, (await host.RunAsync(2, host.Add(LoopHost.Value, static (_, _) => { }))).Kind);
    }
}
