using System.Buffers;
using Kernmantle.Python.Values;

namespace Kernmantle.Python.Sharing;

/// <summary>One operation that a worker has asked for: answered once, whatever becomes of it. Thread-safe.</summary>
/// <param name="link">The worker's.</param>
/// <param name="handed">What it is done with.</param>
/// <param name="id">Its number; the worker's choice.</param>
/// <param name="operation">What is to be done.</param>
/// <param name="actor">Which thread or task of the worker asks.</param>
/// <param name="timeout">How long it may wait.</param>
/// <param name="bytes">How large it is.</param>
internal sealed class Ask(ObjectLink link, Handed handed, long id, Operation operation, int actor, TimeSpan timeout, int bytes)
{
    private readonly Lock gate = new();
    private CancellationTokenSource? giveUp;
    private bool isWithdrawn;

    public ObjectLink Link => link;

    public Handed Handed => handed;

    public long Id => id;

    public Operation Operation => operation;

    public int Actor => actor;

    public TimeSpan Timeout => timeout;

    public int Bytes => bytes;

    /// <summary>Its link counts what it is to put somewhere. The link locks.</summary>
    public bool IsHeld { get; set; }

    public bool MayWait => timeout != TimeSpan.Zero;

    /// <summary>Cancelled when it has waited long enough, or nobody waits for it any more. For what cannot be done at once.</summary>
    public CancellationToken Token
    {
        get
        {
            bool isLate;
            lock (gate)
            {
                giveUp ??= new(timeout, link.Clock);
                isLate = isWithdrawn;
            }
            if (isLate)
                giveUp.Cancel();
            return giveUp.Token;
        }
    }

    /// <summary>It is not needed any more. What has been done by then is answered as ever.</summary>
    public void Withdraw()
    {
        CancellationTokenSource? waiting;
        lock (gate)
        {
            isWithdrawn = true;
            waiting = giveUp;
        }
        waiting?.Cancel();
    }

    /// <summary>No timer is needed any more.</summary>
    public void OnAnswered()
    {
        lock (gate)
            giveUp?.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);
    }

    public void Done() => Send(AnswerStatus.Done, default);

    /// <param name="value">What comes of it.</param>
    /// <param name="undo">Called if the worker has died and never has it.</param>
    public void Done<T>(T value, Action? undo = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            var writer = new PythonWriter(buffer, blocks: null, link);
            PythonCodec<T>.Write(ref writer, value);
            writer.Flush();
            if (buffer.WrittenCount > link.LimitBytes)
                throw new PayloadTooLargeException($"What the worker {link.WorkerName} was to get", buffer.WrittenCount, link.LimitBytes);
        }
        catch (Exception e)   // the program's own getters run here
        {
            Failed(e);
            return;
        }
        _ = link.AnswerAsync(this, AnswerStatus.Done, buffer.WrittenMemory, undo);
    }

    /// <summary>What it waited for was not there in time, or nobody waits for it any more.</summary>
    public void GivenUp() => Send(isWithdrawn ? AnswerStatus.Withdrawn : AnswerStatus.No, default);

    /// <param name="error">What the channel was completed with; null for nothing.</param>
    public void Closed(Exception? error) => Send(AnswerStatus.Closed, Text(error?.Message));

    public void Failed(Exception failure) => Failed(FailureNames.Of(failure), failure.Message);

    public void Failed(string name, string text) => Send(AnswerStatus.Failed, Text(name, text));

    private static byte[] Text(params ReadOnlySpan<string?> texts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new PythonWriter(buffer);
        writer.EnterTuple(texts.Length);
        foreach (string? text in texts)
            PythonCodec<string?>.Write(ref writer, text);
        writer.Leave();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private void Send(AnswerStatus status, ReadOnlyMemory<byte> value) => _ = link.AnswerAsync(this, status, value, undo: null);
}
