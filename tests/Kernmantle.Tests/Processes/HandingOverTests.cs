using Kernmantle.Host.Lane;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Tests.Transport.SharedMemory;

namespace Kernmantle.Tests.Processes;

/// <summary>Whichever threads bring the calls of a worker, and in which order: they are handed over in the order of their places.</summary>
public sealed class HandingOverTests
{
    private readonly QuickCall[] calls = [.. Enumerable.Range(0, 6).Select(static _ => HostileCalls.Create(new(1)).Call)];
    private readonly List<int> handed = [];
    private readonly HandingOver handing;

    public HandingOverTests() => handing = new(call =>
    {
        handed.Add(Array.IndexOf(calls, call));
        return null;
    });

    [Theory]
    [InlineData(1, 2, 3, 4, 5)]
    [InlineData(5, 4, 3, 2, 1)]
    [InlineData(2, 1, 5, 3, 4)]
    [InlineData(3, 5, 1, 4, 2)]
    public void They_are_handed_over_in_the_order_of_their_places(params int[] places)
    {
        foreach (int place in places)
            handing.Bring(calls[place], place);
        Assert.Equal([1, 2, 3, 4, 5], handed);
    }

    [Fact]
    public void One_whose_place_was_taken_back_is_not_handed_over_by_whoever_comes_late()
    {
        handing.Bring(calls[1], 1);
        handing.Bring(calls[3], 3);
        handing.TakeBack(4);
        handing.Bring(calls[2], 2);
        handing.Bring(calls[4], 4);
        handing.Bring(calls[5], 5);
        Assert.Equal([1, 5], handed);
    }

    /// <summary>Whoever gives it up before that finds no number to cancel; its token would never be, and its worker killed for it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_is_given_up_while_it_is_handed_over_is_cancelled(bool isGivenUp)
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        using var worker = new HostileWorker(pump);
        worker.Offer(calls[0], []);
        calls[1].CancelRequested = isGivenUp;
        worker.Offer(calls[1], []);
        worker.Offer(calls[2], []);
        worker.TakeRequests();
        Assert.Equal(isGivenUp ? [calls[1].Sequence] : [], worker.Cancelled);
    }

    [Fact]
    public void What_is_to_be_said_is_said_outside_of_the_lock_of_all_that_were_handed_over()
    {
        List<bool> said = [];
        HandingOver? talking = null;
        talking = new(_ => () => said.Add(Task.Run(() => talking!.TakeBack(0)).Wait(TimeSpan.FromSeconds(60))));
        talking.Bring(calls[2], 2);
        talking.Bring(calls[1], 1);
        Assert.Equal([true, true], said);
    }

    [Fact]
    [Repeated]
    public void Many_threads_bring_what_each_of_them_has_placed()
    {
        const int Count = 4000;
        int places = 0;
        QuickCall[] many = [.. Enumerable.Range(0, Count + 1).Select(static _ => HostileCalls.Create(new(1)).Call)];
        var order = new List<QuickCall>();
        var busy = new HandingOver(call =>
        {
            order.Add(call);
            return null;
        });
        Parallel.For(0, Count, _ =>
        {
            int place = Interlocked.Increment(ref places);
            busy.Bring(many[place], place);
        });
        Assert.Equal(many.Skip(1), order);
    }
}
