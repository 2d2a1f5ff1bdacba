using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>An exception as data: what crosses in its place, since an exception object may be of any type and size.</summary>
internal sealed record RemoteFailure(string TypeName, string Message, string? StackTrace, RemoteFailure? Inner)
{
    /// <summary>Longer chains are cut: a worker may send anything.</summary>
    private const int MaxDepth = 64;

    /// <summary>Longer texts are cut, so that a huge message cannot exceed a frame.</summary>
    private const int MaxText = 1 << 20;

    public static RemoteFailure Of(Exception exception, int depth = 0) => new(
        exception.GetType().FullName ?? exception.GetType().Name,
        Text(static e => e.Message, exception) ?? "",
        Text(static e => e.StackTrace, exception),
        depth + 1 < MaxDepth && exception.InnerException is { } inner ? Of(inner, depth + 1) : null);

    /// <param name="worker">Its name; null if none is known.</param>
    /// <param name="call">Its name; null if none is known.</param>
    /// <param name="original">The exception itself, where the function ran in this process.</param>
    public RemoteException ToException(string? worker, string? call, Exception? original = null) =>
        new(Message, TypeName, StackTrace, Inner?.ToException(null, null, original?.InnerException), original) { WorkerName = worker, CallName = call };

    public void Write(ref PayloadWriter writer)
    {
        writer.WriteString(TypeName);
        writer.WriteString(Message);
        writer.WriteString(StackTrace);
        writer.WriteByte(Inner is null ? (byte)0 : (byte)1);
        Inner?.Write(ref writer);
    }

    public static RemoteFailure Read(ref PayloadReader reader, int depth = 0)
    {
        if (depth >= MaxDepth)
            throw new InvalidPayloadException($"An exception chain longer than {MaxDepth}.");
        return new(
            reader.ReadString() ?? "",
            reader.ReadString() ?? "",
            reader.ReadString(),
            reader.ReadByte() == 0 ? null : Read(ref reader, depth + 1));
    }

    /// <summary>User exceptions override these members and may throw in them: the failure must still arrive.</summary>
    private static string? Text(Func<Exception, string?> get, Exception exception)
    {
        try
        {
            string? text = get(exception);
            return text?.Length > MaxText ? text[..MaxText] : text;
        }
        catch (Exception e)
        {
            return $"(not available: reading it threw {e.GetType().FullName})";
        }
    }
}
