using System.Threading.Channels;

namespace Kernmantle.Contracts.Channels;

/// <summary>The workers of a place, and what they do with the ends of a channel that they are handed: C# in a thread or a process, Python in its interpreter.</summary>
public abstract class ChannelWorkers : IAsyncDisposable
{
    /// <summary>Of what C# moves, how much this place does in about the same time: a divisor.</summary>
    public virtual int Slowness => 1;

    /// <summary>What no channel can do here, and why.</summary>
    public virtual IReadOnlyDictionary<ChannelAbility, string> Lacks { get; } = new Dictionary<ChannelAbility, string>();

    /// <summary>The name of the type of what a worker completed a channel with.</summary>
    public virtual string NameOf(Exception failure) => failure is RemoteException remote ? remote.TypeName : failure.GetType().FullName!;

    /// <summary>Writes 0, 1 and so on, then completes the channel.</summary>
    public abstract Task WriteAllAsync(ChannelWriter<int> writer, int count);

    /// <summary>The same, many at once where the place can.</summary>
    public abstract Task WriteManyAsync(WorkerChannelWriter<long> writer, int count);

    /// <summary>Writes (place, 0), (place, 1) and so on.</summary>
    public abstract Task WriteAsync(ChannelWriter<(int Writer, int Number)> writer, int place, int count);

    /// <summary>Writes all that it reads.</summary>
    public abstract Task CopyAsync(ChannelReader<(int Writer, int Number)> reader, ChannelWriter<(int Writer, int Number)> writer);

    /// <summary>Writes the opposite of each number that it reads.</summary>
    public abstract Task NegateAsync(ChannelReader<int> reader, ChannelWriter<int> writer);

    /// <summary>Adds up all that it reads.</summary>
    public abstract Task<int> SumAsync(ChannelReader<int> reader);

    /// <summary>Adds up numbers and lengths of all lines; fails at one that is not as it should be.</summary>
    public abstract Task<long> SumLinesAsync(ChannelReader<ChannelLine> reader);

    /// <summary>Writes 0, 1 and so on, waits where there is no room, and counts each when it is written.</summary>
    public abstract Task WriteCountingAsync(ChannelWriter<int> writer, SharedValue<int> written, int count);

    /// <summary>Writes 0, 1 and so on, and waits for nothing.</summary>
    public abstract Task WriteAtOnceAsync(ChannelWriter<int> writer, int count);

    /// <summary>Writes an item, and completes the channel with an error.</summary>
    public abstract Task FailAsync(ChannelWriter<string> writer, string item, string text);

    /// <summary>Says that it begins to wait, and waits for an item: false where none comes any more.</summary>
    public abstract Task<bool> WaitToReadAsync(ChannelReader<int> reader, SharedCountdown waiting, CancellationToken cancellationToken);

    /// <summary>Writes until there is no room, says that it begins to wait, and waits for room: false where nothing can be written any more.</summary>
    public abstract Task<bool> FillAsync(ChannelWriter<int> writer, SharedCountdown waiting);

    /// <summary>Says that it begins to wait, and waits for an item: true if it is told instead that the channel was disposed of.</summary>
    public abstract Task<bool> WaitUntilDisposedAsync(ChannelReader<int> reader, SharedCountdown waiting);

    /// <summary>Writes an item.</summary>
    public abstract Task WriteOneAsync(ChannelWriter<string> writer, string item);

    /// <summary>Reads an item.</summary>
    public abstract Task<string> ReadOneAsync(ChannelReader<string> reader);

    /// <summary>Writes an item to one that it was handed as a whole, and returns that.</summary>
    public abstract Task<WorkerChannel<string>> ReturnAsync(WorkerChannel<string> channel, string item);

    /// <summary>Returns what it was handed.</summary>
    public abstract Task<ChannelReader<string>> ReturnAsync(ChannelReader<string> reader);

    /// <summary>Writes <paramref name="from"/> and those after it, each time says so in <paramref name="written"/>, and dies by SIGKILL.</summary>
    public virtual Task WriteAndDieAsync(ChannelWriter<int> writer, SharedValue<int> written, int from, int count) => throw new NotSupportedException(Lacks[ChannelAbility.Death]);

    /// <summary>Reads so many, and dies by SIGKILL.</summary>
    public virtual Task ReadAndDieAsync(ChannelReader<int> reader, int count) => throw new NotSupportedException(Lacks[ChannelAbility.Death]);

    /// <summary>Takes an item, and dies by SIGKILL over it.</summary>
    public virtual Task TakeAndDieAsync(WorkerChannelReader<int> reader) => throw new NotSupportedException(Lacks[ChannelAbility.Redelivery]);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What not every channel can do in every place.</summary>
public enum ChannelAbility
{
    /// <summary>To hold so many items and no more, and to know how many.</summary>
    Capacity,

    /// <summary>To drop an item that is in it already.</summary>
    DropsWritten,

    /// <summary>To give an item to another reader when the one that took it has died; or else to count it as lost.</summary>
    Redelivery,

    /// <summary>To lose a worker.</summary>
    Death,

    /// <summary>To end when all that could write have died.</summary>
    EndWithWriters,
}

/// <summary>An item with a length of its own.</summary>
/// <param name="Number">Which.</param>
/// <param name="Text">Of one letter only, which follows from the number.</param>
public sealed record ChannelLine(int Number, string Text);
