namespace Kernmantle;

/// <summary>
/// Workers that could write to a channel have died, and nobody is left who could: its readers got every item that was written, and then this. The channel is completed; workers and pools are usable. A channel
/// that waits for others to be handed it instead is made with <see cref="WorkerChannelOptions.EndWithWriters"/> = false.
/// </summary>
public sealed class ChannelWritersLostException : WorkerException
{
    /// <summary>Creates it, for tests of code that handles it.</summary>
    /// <param name="message">What happened.</param>
    public ChannelWritersLostException(string message)
        : base(message)
    {
    }

    internal ChannelWritersLostException(IEnumerable<string> deaths)
        : this($"Nobody is left who could write to this channel: {string.Join("; ", deaths)}. What had been written was read. With EndWithWriters = false the channel waits for others to be handed it.")
    {
    }
}
