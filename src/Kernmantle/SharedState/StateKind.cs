namespace Kernmantle.SharedState;

/// <summary>What an object is; travels with it.</summary>
internal enum StateKind : byte
{
    None,
    Value,
    Array,
    Lock,
    ReaderWriterLock,
    Semaphore,
    Event,
    Condition,
    Barrier,
    Countdown,
    Channel,
}
