using System.Runtime.CompilerServices;
using Kernmantle.Python.Values;
using Kernmantle.SharedBuffers;

namespace Kernmantle.Python.Sharing;

/// <summary>
/// Something of the host's that workers are handed and that stays in the host, which does whatever they ask for: a channel, a lock. One for each such object, whoever was handed it, and as
/// long as that lives. Thread-safe.
/// </summary>
/// <param name="target">It.</param>
/// <param name="kind">What the agent makes of it.</param>
internal abstract class HostObject(object target, string kind)
{
    private static readonly ConditionalWeakTable<object, HostObject> Known = [];
    private static int lastNumber;

    /// <summary>Its name between processes.</summary>
    public int Number { get; } = Interlocked.Increment(ref lastNumber);

    public object Target => target;

    public string Kind => kind;

    /// <param name="target">What is to be handed over.</param>
    /// <param name="wrapper">The class of what is returned; made of the target.</param>
    public static HostObject Of(object target, Type wrapper) =>
        Known.GetValue(target, t => (HostObject)Activator.CreateInstance(wrapper, t)!);

    /// <summary>Memory that the worker maps with it; null for none.</summary>
    public virtual SharedBlock? Block => null;

    /// <summary>A worker is about to get it.</summary>
    public virtual void OnHanded(ObjectLink link)
    {
    }

    /// <summary>A tuple of what the agent needs to know besides.</summary>
    public virtual void WriteDetails(ref PythonWriter writer)
    {
        writer.EnterTuple(0);
        writer.Leave();
    }

    /// <summary>Does what a worker asks for, and answers, now or later, once. Does not block.</summary>
    /// <param name="ask">Who asks for what.</param>
    /// <param name="arguments">A tuple.</param>
    /// <exception cref="PythonValueMismatchException">An argument does not fit.</exception>
    /// <exception cref="Wire.Bytes.InvalidPayloadException">No agent wrote this.</exception>
    /// <exception cref="Wire.ProtocolViolationException">It has no such operation.</exception>
    public abstract void Begin(Ask ask, ref PythonReader arguments);
}
