using Kernmantle.Host.Lane;
using Kernmantle.Wire;
using Xunit;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Of a map's items, a worker answers those that it has.</summary>
public sealed class HostileItemsTests
{
    /// <summary>Else they would count for those that it has, and the map would wait for these without end.</summary>
    [Theory]
    [InlineData(4, false)]
    [InlineData(9, true)]
    public void An_answer_to_an_item_that_was_taken_back_ends_the_worker(int answered, bool isLie)
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        using var worker = new HostileWorker(pump);
        var slice = new HostileSlice(10, worker.Receiver.Break);
        worker.Offer(slice, new byte[sizeof(long)]);
        long first = slice.First;
        unsafe
        {
            Volatile.Write(ref worker.Words->Begun, first + 4);
        }
        Assert.True(worker.Host.TryRecall(out long from, out long to));
        Assert.Equal((first + 5, first + 9), (from, to));
        Assert.Equal(5, slice.SplitOff(from - 1)!.Count);
        worker.Write([new(FrameKind.SliceEnd, first + answered, new byte[sizeof(long)])]);
        worker.LetTake(byPump: false);
        Exception? end = worker.End();
        if (isLie)
            Assert.Contains("was taken back", Assert.IsType<ProtocolViolationException>(end).Message, StringComparison.Ordinal);
        else
            Assert.Null(end);
        Assert.Null(worker.Receiver.Broken);
        Assert.Equal(isLie ? 0 : 1, worker.Receiver.Results);
    }
}
