using System.Threading.Channels;
using Kernmantle.Channels;
using static Kernmantle.Tests.SharedState.EveryStoreTests;

namespace Kernmantle.Tests.Channels;

/// <summary>Each operation on a channel is stepped through in a worker that is killed right before each of its stores to shared memory in turn. What was acknowledged is there, whole, once and in order; the others go on.</summary>
public sealed class EveryStoreTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    [Fact]
    public Task In_writing() => StepAsync<Writing, WorkerChannel<int>>();

    [Fact]
    public Task In_writing_texts() => StepAsync<WritingTexts, WorkerChannel<string>>();

    [Fact]
    public Task In_writing_many_at_once() => StepAsync<WritingMany, WorkerChannel<int>>();

    [Fact]
    public Task In_writing_what_drops_the_oldest() => StepAsync<DroppingOldest, WorkerChannel<int>>();

    [Fact]
    public Task In_writing_what_drops_the_newest() => StepAsync<DroppingNewest, WorkerChannel<string>>();

    [Fact]
    public Task In_writing_what_carries_memory() => StepAsync<WritingWhatCarries, WorkerChannel<SharedBuffer<int>>>();

    [Fact]
    public Task In_reading_what_carries_memory() => StepAsync<ReadingWhatCarries, WorkerChannel<SharedBuffer<int>>>();

    [Fact]
    public Task In_putting_back_what_carries_memory() => StepAsync<PuttingBack, WorkerChannel<SharedBuffer<int>>>();

    [Fact]
    public Task In_reading() => StepAsync<Reading, WorkerChannel<int>>();

    [Fact]
    public Task In_reading_many_at_once() => StepAsync<ReadingMany, WorkerChannel<int>>();

    [Fact]
    public Task In_reading_a_text_for_which_there_is_not_room_enough_at_first() => StepAsync<ReadingALongText, WorkerChannel<string>>();

    [Fact]
    public Task In_taking_what_is_given_again() => StepAsync<Taking, WorkerChannel<string>>();

    [Fact]
    public Task In_completing() => StepAsync<Completing, WorkerChannel<int>>();

    [Fact]
    public Task In_waiting_for_an_item() => StepAsync<WaitingForAnItem, WorkerChannel<int>>();

    [Fact]
    public Task In_waiting_for_room() => StepAsync<WaitingForRoom, WorkerChannel<int>>();

    private static WorkerChannel<T> Make<T>(int capacity, BoundedChannelFullMode mode = BoundedChannelFullMode.Wait, bool redeliver = false) =>
        WorkerChannel.Create<T>(new() { Capacity = capacity, BufferBytes = 4096, FullMode = mode, Redeliver = redeliver, EndWithWriters = false });

    private static List<T> Drain<T>(WorkerChannel<T> channel)
    {
        List<T> items = [];
        while (channel.Reader.TryRead(out T? item))
            items.Add(item);
        return items;
    }

    /// <summary>Of what the worker wrote there is all, or a part from the front.</summary>
    private static void IsFront<T>(IReadOnlyList<T> written, List<T> found, bool isOver)
    {
        Assert.Equal(written.Take(found.Count), found);
        if (isOver)
            Assert.Equal(written.Count, found.Count);
    }

    private static void GoesOn(WorkerChannel<int> channel)
    {
        for (int i = 100; i < 120; i++)
        {
            Assert.True(channel.Writer.TryWrite(i));
            Assert.True(channel.Reader.TryRead(out int read));
            Assert.Equal(i, read);
        }
    }

    private abstract class Carrying
    {
        public static WorkerChannel<SharedBuffer<int>> Make() => Make<SharedBuffer<int>>(capacity: 3, BoundedChannelFullMode.DropOldest, redeliver: true);

        protected static void Write(WorkerChannel<SharedBuffer<int>> made, int from, int count)
        {
            for (int i = from; i < from + count; i++)
            {
                using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(100);
                buffer.Span.Fill(i);
                made.Writer.TryWrite(buffer);
            }
        }

        /// <summary>What is read is whole, in order, and kept for nobody afterwards; who goes on finds all as it should be.</summary>
        public static void GoOn(WorkerChannel<SharedBuffer<int>> made, bool isOver)
        {
            int last = -1;
            foreach (SharedBuffer<int> each in Drain(made))
            {
                using (each)
                {
                    Assert.True(each.Span[0] > last);
                    last = each.Span[0];
                    Assert.False(each.Span.ContainsAnyExcept(last));
                }
            }
            Assert.Equal(0, ((ChannelPage)made.Memory.Block.Content!).LoadedItems);
            Write(made, from: 10, count: 4);
            Assert.Equal(3, ((ChannelPage)made.Memory.Block.Content!).LoadedItems);
            List<SharedBuffer<int>> read = Drain(made);
            Assert.Equal([11, 12, 13], read.Select(static r => r.Span[0]));
            read.ForEach(static r => r.Dispose());
            Assert.Equal(0, ((ChannelPage)made.Memory.Block.Content!).LoadedItems);
        }
    }

    private sealed class WritingWhatCarries : Carrying, ICase<WorkerChannel<SharedBuffer<int>>>
    {
        public static void Operate(WorkerChannel<SharedBuffer<int>> made) => Write(made, from: 0, count: 5);
    }

    /// <summary>As who was cancelled while it asked for the memory.</summary>
    private sealed class PuttingBack : Carrying, ICase<WorkerChannel<SharedBuffer<int>>>
    {
        public static new WorkerChannel<SharedBuffer<int>> Make() => ReadingWhatCarries.Make();

        public static void Operate(WorkerChannel<SharedBuffer<int>> made)
        {
            ChannelEnd end = ChannelEnd.Of(made.Memory);
            end.TryTake(new byte[1000], out _, out Claim first);
            end.TryTake(new byte[1000], out _, out Claim second);
            end.PutBack(first);
            end.PutBack(second);
        }

        public static new void GoOn(WorkerChannel<SharedBuffer<int>> made, bool isOver)
        {
            List<SharedBuffer<int>> all = Drain(made);
            Assert.Equal([0, 1, 2], all.Select(static a => a.Span[0]));
            all.ForEach(static a => a.Dispose());
            Carrying.GoOn(made, isOver);
        }
    }

    private sealed class ReadingWhatCarries : Carrying, ICase<WorkerChannel<SharedBuffer<int>>>
    {
        public static new WorkerChannel<SharedBuffer<int>> Make()
        {
            WorkerChannel<SharedBuffer<int>> made = Carrying.Make();
            Write(made, from: 0, count: 3);
            return made;
        }

        public static void Operate(WorkerChannel<SharedBuffer<int>> made)
        {
            made.Reader.TryRead(out SharedBuffer<int>? first);
            first!.Dispose();
            made.Reader.TryTake(out ChannelDelivery<SharedBuffer<int>>? second);
            second!.Complete();
        }
    }

    private sealed class Writing : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make() => Make<int>(capacity: 2);

        public static void Operate(WorkerChannel<int> made)
        {
            for (int i = 1; i <= 3; i++)
                made.Writer.TryWrite(i);   // there is no room for the third
            made.Reader.TryRead(out _);
            made.Writer.TryWrite(4);
        }

        public static void GoOn(WorkerChannel<int> made, bool isOver)
        {
            List<int> found = Drain(made);
            Assert.Contains(found, (List<int>[])[[], [1], [1, 2], [2], [2, 4]]);
            if (isOver)
                Assert.Equal([2, 4], found);
            GoesOn(made);
        }
    }

    private sealed class WritingTexts : ICase<WorkerChannel<string>>
    {
        private static readonly string[] Texts = [new('a', 700), new('b', 300), new('c', 900)];

        public static WorkerChannel<string> Make() => Make<string>(capacity: 8);

        public static void Operate(WorkerChannel<string> made)
        {
            foreach (string text in Texts)
                made.Writer.TryWrite(text);
        }

        public static void GoOn(WorkerChannel<string> made, bool isOver)
        {
            IsFront(Texts, Drain(made), isOver);
            Assert.True(made.Writer.TryWrite("more"));
            Assert.Equal(["more"], Drain(made));
        }
    }

    private sealed class WritingMany : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make() => Make<int>(capacity: 6);

        public static void Operate(WorkerChannel<int> made)
        {
            made.Writer.TryWriteMany([1, 2, 3, 4]);
            made.Writer.TryWriteMany([5, 6, 7]);
        }

        public static void GoOn(WorkerChannel<int> made, bool isOver)
        {
            List<int> found = Drain(made);
            IsFront([1, 2, 3, 4, 5, 6], found, isOver);
            Assert.Contains(found.Count, (int[])[0, 4, 6]);
            GoesOn(made);
        }
    }

    private sealed class DroppingOldest : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make() => Make<int>(capacity: 2, BoundedChannelFullMode.DropOldest);

        public static void Operate(WorkerChannel<int> made)
        {
            for (int i = 1; i <= 4; i++)
                made.Writer.TryWrite(i);
        }

        public static void GoOn(WorkerChannel<int> made, bool isOver)
        {
            List<int> found = Drain(made);
            Assert.Contains(found, (List<int>[])[[], [1], [1, 2], [2], [2, 3], [3], [3, 4]]);
            if (isOver)
                Assert.Equal([3, 4], found);
            GoesOn(made);
        }
    }

    private sealed class DroppingNewest : ICase<WorkerChannel<string>>
    {
        public static WorkerChannel<string> Make() => Make<string>(capacity: 2, BoundedChannelFullMode.DropNewest);

        public static void Operate(WorkerChannel<string> made)
        {
            foreach (string text in (string[])["one", "two", "three and more", "4"])
                made.Writer.TryWrite(text);
        }

        public static void GoOn(WorkerChannel<string> made, bool isOver)
        {
            List<string> found = Drain(made);
            Assert.Contains(found, (List<string>[])[[], ["one"], ["one", "two"], ["one", "three and more"], ["one", "4"]]);
            if (isOver)
                Assert.Equal(["one", "4"], found);
            Assert.True(made.Writer.TryWrite("more"));
            Assert.Equal(["more"], Drain(made));
        }
    }

    private sealed class Reading : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make()
        {
            WorkerChannel<int> made = Make<int>(capacity: 3);
            Assert.Equal(3, made.Writer.TryWriteMany([1, 2, 3]));
            return made;
        }

        public static void Operate(WorkerChannel<int> made)
        {
            for (int i = 0; i < 2; i++)
                made.Reader.TryRead(out _);
        }

        public static void GoOn(WorkerChannel<int> made, bool isOver)
        {
            List<int> found = Drain(made);
            Assert.Equal(Enumerable.Range(4 - found.Count, found.Count), found);
            Assert.InRange(found.Count, isOver ? 1 : made.Lost, isOver ? 1 : 3 - made.Lost);
            GoesOn(made);
        }
    }

    private sealed class ReadingMany : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make() => Reading.Make();

        public static void Operate(WorkerChannel<int> made) => made.Reader.TryReadMany(new int[2]);

        public static void GoOn(WorkerChannel<int> made, bool isOver) => Reading.GoOn(made, isOver);
    }

    private sealed class ReadingALongText : ICase<WorkerChannel<string>>
    {
        private static readonly string[] Texts = ["a", new('b', 2000), "c"];

        public static WorkerChannel<string> Make()
        {
            WorkerChannel<string> made = Make<string>(capacity: 3);
            foreach (string text in Texts)
                Assert.True(made.Writer.TryWrite(text));
            return made;
        }

        public static void Operate(WorkerChannel<string> made)
        {
            for (int i = 0; i < 2; i++)
                Assert.True(made.Reader.TryRead(out _));
        }

        public static void GoOn(WorkerChannel<string> made, bool isOver)
        {
            List<string> found = Drain(made);
            Assert.Equal(Texts.TakeLast(found.Count), found);
            Assert.InRange(found.Count, 1, isOver ? 1 : 3 - made.Lost);
            made.Writer.Complete();
            Assert.True(made.Reader.Completion.IsCompleted);   // no item is left that nobody sees
        }
    }

    private sealed class Taking : ICase<WorkerChannel<string>>
    {
        public static WorkerChannel<string> Make()
        {
            WorkerChannel<string> made = Make<string>(capacity: 3, redeliver: true);
            foreach (string text in (string[])["a", "b", "c"])
                Assert.True(made.Writer.TryWrite(text));
            return made;
        }

        public static void Operate(WorkerChannel<string> made)
        {
            Assert.True(made.Reader.TryTake(out ChannelDelivery<string>? first));
            Assert.True(made.Reader.TryTake(out ChannelDelivery<string>? second));
            second.Complete();
            first.Complete();
        }

        public static void GoOn(WorkerChannel<string> made, bool isOver)
        {
            List<(string, int)> found = [];
            while (made.Reader.TryTake(out ChannelDelivery<string>? delivery))
            {
                found.Add((delivery.Item, delivery.Attempt));
                delivery.Complete();
            }
            Assert.Contains(
                found,
                (List<(string, int)>[])[[("a", 1), ("b", 1), ("c", 1)], [("a", 2), ("b", 1), ("c", 1)], [("a", 2), ("b", 2), ("c", 1)], [("a", 2), ("c", 1)], [("c", 1)]]);
            if (isOver)
                Assert.Equal([("c", 1)], found);
            Assert.Equal(0, made.Lost);
            Assert.True(made.Writer.TryWrite("more"));
            Assert.Equal(["more"], Drain(made));
        }
    }

    private sealed class Completing : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make()
        {
            WorkerChannel<int> made = Make<int>(capacity: 3);
            Assert.True(made.Writer.TryWrite(1));
            return made;
        }

        public static void Operate(WorkerChannel<int> made)
        {
            made.Writer.TryWrite(2);
            made.Writer.Complete(new InvalidDataException("No more."));
        }

        public static void GoOn(WorkerChannel<int> made, bool isOver)
        {
            bool closedHere = made.Writer.TryComplete();
            Assert.False(closedHere && isOver);
            List<int> found = Drain(made);
            Assert.Equal(1, found[0]);
            Assert.InRange(found.Count, 1, 2);
            Task completion = made.Reader.Completion;
            Assert.True(((IAsyncResult)completion).AsyncWaitHandle.WaitOne(Bound));
            if (isOver)
                Assert.Equal("No more.", completion.Exception!.InnerException!.Message);
            Assert.False(made.Writer.TryWrite(3));
        }
    }

    private sealed class WaitingForAnItem : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make() => Make<int>(capacity: 3);

        public static void Operate(WorkerChannel<int> made)
        {
            using var over = new CancellationTokenSource();
            Task<bool> waiting = made.Reader.WaitToReadAsync(over.Token).AsTask();
            over.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => waiting.GetAwaiter().GetResult());
        }

        public static void GoOn(WorkerChannel<int> made, bool isOver) => GoesOn(made);
    }

    private sealed class WaitingForRoom : ICase<WorkerChannel<int>>
    {
        public static WorkerChannel<int> Make() => Make<int>(capacity: 1);

        public static void Operate(WorkerChannel<int> made)
        {
            using var over = new CancellationTokenSource();
            Assert.True(made.Writer.TryWrite(1));
            Task<bool> waiting = made.Writer.WaitToWriteAsync(over.Token).AsTask();
            over.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => waiting.GetAwaiter().GetResult());
        }

        public static void GoOn(WorkerChannel<int> made, bool isOver)
        {
            IsFront([1], Drain(made), isOver);
            GoesOn(made);
        }
    }
}
