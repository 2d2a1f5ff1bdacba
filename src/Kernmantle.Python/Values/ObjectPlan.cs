using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Kernmantle.Python.Values;

/// <summary>How an object is made: the constructor whose parameters are all members, the longest such, then the members left that can be set.</summary>
internal sealed class ObjectPlan<T>
{
    private readonly Dictionary<string, int> names = [];

    private ObjectPlan(Slot[] slots, Func<object?[], bool[], T> make)
    {
        Slots = slots;
        Make = make;
        for (int i = 0; i < slots.Length; i++)
            names.TryAdd(MemberNames.Fold(slots[i].Member.Name), i);
    }

    /// <summary>One value that the object is made of.</summary>
    /// <param name="Member">Reads it.</param>
    /// <param name="Required">There is no object without it.</param>
    /// <param name="Default">Stands for it where it is missing.</param>
    public readonly record struct Slot(Member<T> Member, bool Required, object? Default);

    public Slot[] Slots { get; }

    /// <summary>Makes the object of the slots; those of members are set only where present.</summary>
    public Func<object?[], bool[], T> Make { get; }

    /// <summary>The slot of a field, looked for first where the order of the members says; -1 if there is none.</summary>
    public int Find(ReadOnlySpan<byte> name, int expected)
    {
        if (expected < Slots.Length && name.SequenceEqual(Slots[expected].Member.Utf8))
            return expected;
        return names.TryGetValue(MemberNames.Fold(PythonText.Read(name)), out int slot) ? slot : -1;
    }

    public static ObjectPlan<T>? TryCreate()
    {
        if (typeof(T).IsAbstract || typeof(T).IsInterface)
            return null;
        MemberInfo[] members = [.. Construction.ReadableMembers(typeof(T))];
        ILookup<string, MemberInfo> byName = members.ToLookup(static m => MemberNames.Fold(m.Name));
        ConstructorInfo? constructor = typeof(T).GetConstructors()
            .Where(c => c.GetParameters().All(p => byName.Contains(MemberNames.Fold(p.Name ?? "")) && Holds(p.ParameterType)))
            .MaxBy(static c => c.GetParameters().Length);
        if (constructor is null && !typeof(T).IsValueType)
            return null;

        ParameterExpression values = Expression.Parameter(typeof(object?[])), present = Expression.Parameter(typeof(bool[])), made = Expression.Variable(typeof(T));
        List<Slot> slots = [];
        List<Expression> arguments = [];
        HashSet<string> taken = [];
        foreach (ParameterInfo parameter in constructor?.GetParameters() ?? [])
        {
            taken.Add(MemberNames.Fold(parameter.Name!));
            arguments.Add(Construction.Slot(values, slots.Count, parameter.ParameterType));
            slots.Add(new(Reader(parameter.Name!, parameter.ParameterType), !parameter.HasDefaultValue, DefaultOf(parameter)));
        }
        List<Expression> steps = [Expression.Assign(made, constructor is null ? Expression.Default(typeof(T)) : Expression.New(constructor, arguments))];
        bool setsRequired = constructor?.IsDefined(typeof(System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute)) == true;
        foreach (MemberInfo member in members.Where(m => !taken.Contains(MemberNames.Fold(m.Name))))
        {
            if (Target(made, member) is not { } target || !Holds(target.Type))
                continue;
            Expression assign = Expression.Assign(target, Construction.Slot(values, slots.Count, target.Type));
            steps.Add(Expression.IfThen(Expression.ArrayIndex(present, Expression.Constant(slots.Count)), assign));
            slots.Add(new(Reader(member.Name, target.Type), !setsRequired && member.IsDefined(typeof(RequiredMemberAttribute)), null));
        }
        steps.Add(made);
        var make = Expression.Lambda<Func<object?[], bool[], T>>(Expression.Block([made], steps), values, present);
        return new([.. slots], make.Compile());
    }

    // Only its reading side is used, so that there is nothing to get.
    private static Member<T> Reader(string name, Type type) => Member<T>.Create(name, type, _ => Expression.Default(type));

    private static MemberExpression? Target(Expression owner, MemberInfo member) => member switch
    {
        PropertyInfo { SetMethod.IsPublic: true } property => Expression.Property(owner, property),
        FieldInfo { IsInitOnly: false } field => Expression.Field(owner, field),
        _ => null,
    };

    private static object? DefaultOf(ParameterInfo parameter)
    {
        if (!parameter.HasDefaultValue || parameter.DefaultValue is not { } value)
            return Construction.DefaultOf(parameter.ParameterType);
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type.IsEnum ? Enum.ToObject(type, value) : value;
    }

    private static bool Holds(Type type) => !type.IsByRef && !type.IsByRefLike && !type.IsPointer && !type.IsFunctionPointer;
}
