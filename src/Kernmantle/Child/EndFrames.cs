using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

/// <summary>The frames with which a call ends other than well.</summary>
internal static class EndFrames
{
    public static void EndCancelled(this CallLinks links) => links.End(FrameKind.Cancelled, []);

    /// <summary>With an exception, or with the refusal that it carries.</summary>
    public static void EndFailed(this CallLinks links, Exception exception)
    {
        using PooledBuffer body = Encode(exception, out FrameKind kind);
        links.End(kind, body.Written);
    }

    /// <summary>The body of the frame that says how a call failed.</summary>
    public static PooledBuffer Encode(Exception exception, out FrameKind kind)
    {
        kind = FrameKind.Failed;
        if (exception is not CallRefusal refusal)
            return Encode(RemoteFailure.Of(exception));
        var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        kind = Write(refusal.Reason, ref writer);
        return body;
    }

    private static FrameKind Write(WorkerException reason, ref PayloadWriter writer)
    {
        switch (reason)
        {
            case FunctionUnavailableException unavailable:
                new Unavailable(unavailable.Reason, unavailable.AssemblyName, unavailable.Message).Write(ref writer);
                return FrameKind.Unavailable;
            case PayloadTooLargeException tooLarge:
                writer.WriteInt64(tooLarge.SizeBytes);
                writer.WriteInt64(tooLarge.LimitBytes);
                return FrameKind.TooLarge;
            case NotPortableException notPortable:
                writer.WriteString(notPortable.Subject);
                writer.WriteString(notPortable.Remedy);
                return FrameKind.NotPortable;
            default:
                throw new InvalidOperationException($"No call is refused with {reason.GetType()}.");
        }
    }

    /// <summary>A chain of exceptions with huge texts loses its inner ones: the outermost always fits.</summary>
    private static PooledBuffer Encode(RemoteFailure failure)
    {
        var body = new PooledBuffer(FrameLimits.Overhead);
        try
        {
            var writer = new PayloadWriter(body);
            failure.Write(ref writer);
            return body;
        }
        catch (PayloadTooLargeException) when (failure.Inner is not null)
        {
            body.Dispose();
            return Encode(failure with { Inner = null });
        }
    }
}
